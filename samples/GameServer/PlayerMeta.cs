namespace GameServer;

/// <summary>What others see of a player.</summary>
internal sealed record PlayerMeta(int Level);
