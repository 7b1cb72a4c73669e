return {
	section = { titel = "x", lead = 5 },
	recipes = "none",
}
