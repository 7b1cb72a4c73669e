return {
	recipes = {
		sh = { extension = "sh", run = {"no-such-shell", "$SOURCE"}, tools = {"no-such-shell"} },
	},
}
