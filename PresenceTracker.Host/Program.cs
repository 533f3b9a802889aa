using PresenceTracker.Host;

return await HostProgram.RunAsync(args);
