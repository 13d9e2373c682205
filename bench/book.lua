-- Books one free hour after the other, on one vehicle after the other.
dofile((debug.getinfo(1, "S").source:match("^@(.*)/") or ".") .. "/common.lua")

local vehicles
local n = 0
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = known["Authorization"] }

function init(args)
    vehicles = tonumber(args[1])
end

local function hour(h)
    return os.date("!%Y-%m-%dT%H:00:00Z", 1893456000 + h * 3600)
end

function request()
    local h = math.floor(n / vehicles)
    local path = "/v1/cars/" .. vehicle(n % vehicles + 1) .. "/allocations"
    local body = string.format('{"startTime":"%s","endTime":"%s","description":"wrk"}',
        hour(h), hour(h + 1))
    n = n + 1
    return wrk.format("POST", path, headers, body)
end

function response(status)
    if status ~= 201 then
        unexpected = unexpected + 1
    end
end
