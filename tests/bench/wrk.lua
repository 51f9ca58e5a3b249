-- What wrk sends: a request for each line of a file, again and again.
-- What it prints at the end is read by wrk.rs.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

local requests, last = {}, 0

function init(arguments)
    -- method, path, file; for POST a body's type and a file with it, where each line stands for P0000000
    local method, path, file, content_type, form = unpack(arguments)
    local template
    if form then
        local opened = assert(io.open(form, "rb"))
        template = opened:read("*a")
        opened:close()
    end
    for line in io.lines(file) do
        if template then
            local body = template:gsub("P0000000", line)
            requests[#requests + 1] = wrk.format(method, path, { ["Content-Type"] = content_type }, body)
        else
            requests[#requests + 1] = wrk.format(method, path .. line)
        end
    end
    -- The threads do not ask for the same at the same time.
    last = number * 4999
end

function request()
    last = last % #requests + 1
    return requests[last]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format("figures %d %d %d %f %f", summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.timeout + errors.status,
        latency:percentile(50), latency:percentile(99)))
end
