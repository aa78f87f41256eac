package main

// commands is everything skranke can do. A new command is a func that returns
// a command, in a file of its own, and a line here.
func commands() []command {
	return []command{
		serve(),
		demoServer(),
		configDescribe(),
		configShow(),
		configTest(),
		version(),
		help(),
	}
}
