using Akka.Actor;
using Akka.Configuration;
using GameServer;
using PresenceTracker;
using PresenceTracker.Configuration;

// The arguments are nodes of a running cluster to join, as host:port; with none, this is the first node of its own.
var seeds = string.Join(", ", args.Select(seed => $"\"{seed}\""));
var own = ConfigurationFactory.ParseString($"presence.seeds = [{seeds}], akka.loglevel = WARNING, akka.stdout-loglevel = WARNING");

// Port 0 is any free one, so that several game servers run beside each other.
using var system = ActorSystem.Create("presence", PresenceConfig.ForNewSystem(new RemotingAddress("127.0.0.1", 0), own));
var tracker = PresenceTrackerExtension.For(system).Tracker;
await tracker.Ready;
Console.WriteLine($"Game server {tracker.Self.Address}. One more: dotnet run --project samples/GameServer -- {tracker.Self.Address}");

var reports = Room.Names.Select(room => Room.ReportAsync(tracker, room)).ToList();
system.ActorOf(Props.Create(() => new LobbyActor(tracker)), "lobby");

// Ctrl+C or SIGTERM: Akka.NET leaves the cluster before the process ends, so the players here are gone from all servers at once.
await Task.WhenAny(reports.Append(tracker.Stopped));
