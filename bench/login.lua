-- Logs in, one person after the other, and never waits: whom the queue has no room for comes again.
dofile((debug.getinfo(1, "S").source:match("^@(.*)/") or ".") .. "/common.lua")

local headers = { ["Content-Type"] = "application/json" }
local requests = {}
local n = 0

logins = 0
refused = 0

function init(args)
    for i = 1, tonumber(args[1]) do
        local body = string.format('{"username":"person-%d","password":"%s"}', i, os.getenv("PASSWORD"))
        requests[i] = wrk.format("POST", "/v1/auth/login", headers, body)
    end
end

function request()
    n = n + 1
    return requests[n % #requests + 1]
end

function response(status)
    if status == 200 then
        logins = logins + 1
    elseif status == 503 or status == 504 then
        refused = refused + 1
    else
        unexpected = unexpected + 1
    end
end

function done(summary, latency)
    local seconds = summary.duration / 1e6
    print(string.format("logins %.1f", total("logins") / seconds))
    print(string.format("refused %.1f", total("refused") / seconds))
    print(string.format("unexpected %d", total("unexpected")))
end
