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

-- The sum of what the threads have counted under a name.
function total(name)
    local sum = 0
    for _, thread in ipairs(threads) do
        sum = sum + thread:get(name)
    end
    return sum
end

function done(summary, latency)
    print(string.format("rate %.1f", summary.requests / summary.duration * 1e6))
    print(string.format("done %d", summary.requests))
    print(string.format("p99 %.2f", latency:percentile(99) / 1e3))
    print(string.format("unexpected %d", summary.errors.status + total("unexpected")))
end
