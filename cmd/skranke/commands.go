package main

// commands is everything skranke can do. A new command is a func that returns
// a command, in a file of its own, and a line here.
func commands() []command {
	all := []command{
		serve(),
		demoServer(),
		setup(),
	}
	all = append(all, nouns()...)
	all = append(all, faq()...)
	return append(all,
		rangeList(),
		rangeAdd(),
		rangeDelete(),
		settingList(),
		settingSet(),
		mailList(),
		mailRetry(),
		mailTest(),
		auditList(),
		wsdlShow(),
		wsdlAdopt(),
		wsdlDrop(),
		importFile(),
		exportFile(),
		backup(),
		restore(),
		copyAll(),
		attachmentsCopy(),
		verify(),
		doctor(),
		health(),
		configDescribe(),
		configShow(),
		configTest(),
		configService(),
		version(),
		help(),
	)
}
