local words = {}
for i = 1, 5000 do words[i] = "w" .. i end
return { order = words }
