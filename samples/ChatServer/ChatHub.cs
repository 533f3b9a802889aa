using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using PresenceTracker.SignalR.Hubs;

namespace ChatServer;

/// <summary>The hub of presences, with chat. Who is in the room, on any server and on any device, the base class tells the page.</summary>
internal sealed class ChatHub(HubPresence presence) : PresenceHub(presence)
{
    private const int CharactersMax = 1_000;
    private const string RoomItem = "room";
    private const string NameItem = "name";

    public async Task Enter(string room, string name, string device)
    {
        await Join(room, name, JsonSerializer.SerializeToElement(new { device }));
        await Groups.AddToGroupAsync(Context.ConnectionId, room);
        Context.Items[RoomItem] = room;
        Context.Items[NameItem] = name;
    }

    /// <summary>Sends a text to those in the room who are connected to this server; a backplane of SignalR would carry it to the others.</summary>
    public async Task Say(string text)
    {
        if (Context.Items[RoomItem] is not string room)
        {
            throw new HubException("enter a room first");
        }

        if (text.Length > CharactersMax)
        {
            throw new HubException($"at most {CharactersMax} characters");
        }

        await Clients.Group(room).SendAsync("said", Context.Items[NameItem], text);
    }
}
