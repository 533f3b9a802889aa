using ChatServer;
using PresenceTracker;

// One more server of the same chat: -- --urls http://127.0.0.1:5101 --seeds NODE, with the node that the first one prints.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddPresenceTracker(options =>
{
    options.NodePort = 0;
    foreach (var seed in builder.Configuration["seeds"]?.Split(',') ?? [])
    {
        options.Seeds.Add(seed);
    }
});
builder.Services.AddSignalR().AddPresence();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapHub<ChatHub>("/chat");

await app.StartAsync();
Console.WriteLine($"Chat on {string.Join(' ', app.Urls)}, node {app.Services.GetRequiredService<Tracker>().Self.Address}");
await app.WaitForShutdownAsync();
