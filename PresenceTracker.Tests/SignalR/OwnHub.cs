using Microsoft.AspNetCore.SignalR;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A hub that a user had before there was presence.</summary>
internal sealed class OwnHub(HubPresence presence) : Hub
{
    public const string Path = "/hubs/own";

    public Task<string> Enter(string room, string name) => presence.JoinAsync(Context, room, name, new { device = "phone" });

    public Task<string> Change(string room, string status) => presence.UpdateAsync(Context, room, new { status });

    public Task Exit(string room) => presence.LeaveAsync(Context, room);

    public Task<object> Who(string room) => presence.ListAsync(Context, room);

    public Task Say(string text) => Clients.All.SendAsync("said", text);
}
