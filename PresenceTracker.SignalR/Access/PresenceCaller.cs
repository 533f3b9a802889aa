using System.Security.Claims;

namespace PresenceTracker.SignalR.Access;

/// <summary>Who asks.</summary>
/// <param name="UserId">The id of the authenticated user; null if nobody has authenticated the connection.</param>
/// <param name="User">What is known of the user.</param>
public sealed record PresenceCaller(string ConnectionId, string? UserId, ClaimsPrincipal? User);
