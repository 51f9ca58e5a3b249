-- What wrk sends: lookups with ids that differ, all of one length, so that all replies are as long.
-- What it prints at the end is read by wrk.rs.
local requests, last = {}, 0

function init(arguments)
    -- method, path, how many products to choose from, how many of them; for POST a body's type and file
    local method, path, products, different, content_type, file = unpack(arguments)
    local template
    if file then
        local opened = assert(io.open(file, "rb"))
        template = opened:read("*a")
        opened:close()
    end
    math.randomseed(os.time())
    for index = 1, tonumber(different) do
        local id = string.format("P%07d", math.random(tonumber(products)) - 1)
        if template then
            local body = template:gsub("P0000000", id)
            requests[index] = wrk.format(method, path, { ["Content-Type"] = content_type }, body)
        else
            requests[index] = wrk.format(method, path .. "?id=" .. id)
        end
    end
end

function request()
    last = last % #requests + 1
    return requests[last]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format("figures %d %d %d %d %f %f", summary.requests, summary.duration, summary.bytes,
        errors.connect + errors.read + errors.write + errors.timeout + errors.status,
        latency:percentile(50), latency:percentile(99)))
end
