-- What the loads share: the ids of the seeded vehicles, who asks, and counting what was not expected.
function vehicle(n)
    return string.format("00000000-0000-7000-8000-%012x", n)
end

-- The header field of whoever has the access token TOKEN.
known = { ["Authorization"] = "Bearer " .. (os.getenv("TOKEN") or "") }

-- wrk runs setup() in its main state, and request() and response() in each thread's own.
local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

unexpected = 0

function done(summary)
    local bad = summary.errors.status
    for _, thread in ipairs(threads) do
        bad = bad + thread:get("unexpected")
    end
    print(string.format("rate %.1f", summary.requests / summary.duration * 1e6))
    print(string.format("done %d", summary.requests))
    print(string.format("unexpected %d", bad))
end
