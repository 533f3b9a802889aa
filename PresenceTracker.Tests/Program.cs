using PresenceTracker.Tests.Cluster.Processes;

// To the test host this assembly is a library; to the tests that need nodes in processes of their own it is that process.
return args is ["node"] ? await NodeProgram.RunAsync() : 0;
