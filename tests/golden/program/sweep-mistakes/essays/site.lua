return {
	recipes = { sh = { extension = "sh", run = {"sh", "$SOURCE"}, tools = {"sh"} } },
}
