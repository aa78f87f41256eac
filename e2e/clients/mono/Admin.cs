using System;
using admin;

// The admin port with the signatures its documentation prints.
static class Admin {
	static void Main() {
		var service = new adminService { Url = Voice.Endpoint };
		Voice.Serve(c => {
			var a = new Answer();
			string text;
			ResultStruct[] results;
			switch (c.Method) {
			case "checkAgentVersion":
				bool newer, force;
				return a.Text("errorCode", service.checkAgentVersion(c.Text(), c.Text(), out newer, out force)).Bool("newVersion", newer).Bool("forceUpgrade", force);
			case "getAgent":
				byte[] program;
				return a.Text("errorCode", service.getAgent(out program)).Bytes("binaryData", program);
			case "getErrorMessage":
				return a.Text("errorMessage", service.getErrorMessage(c.Text()));
			case "getModulePaths":
				ModulePathStruct[] paths;
				return a.Text("errorCode", service.getModulePaths(c.Text(), out paths)).Structs("paths", paths);
			case "getTag":
				return a.Text("errorCode", service.getTag(c.Text(), out text)).Text("tag", text);
			case "getUser":
				return a.Text("errorCode", service.getUser(c.Text(), c.List(), out results)).Structs("userResult", results);
			case "getUserById":
				return a.Text("errorCode", service.getUserById(c.Text(), c.Text(), c.List(), out results)).Structs("userResult", results);
			case "getUsers":
				string[] users;
				return a.Text("errorCode", service.getUsers(c.Text(), c.Bool(), out users)).List("users", users);
			case "setUser":
				return a.Text("errorCode", service.setUser(c.Text(), c.Pairs<ValuePairStruct>()));
			}
			throw new ArgumentException("no method " + c.Method);
		});
	}
}
