-- GET one of the first vehicles, a random one each time.
dofile((debug.getinfo(1, "S").source:match("^@(.*)/") or ".") .. "/common.lua")

local requests = {}

function init(args)
    for n = 1, tonumber(args[1]) do
        requests[n] = wrk.format("GET", "/v1/cars/" .. vehicle(n), known)
    end
    math.randomseed(1)
end

function request()
    return requests[math.random(#requests)]
end

function response(status)
    if status ~= 200 then
        unexpected = unexpected + 1
    end
end
