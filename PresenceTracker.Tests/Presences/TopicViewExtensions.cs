using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Tests.Presences;

/// <summary>Views with one change.</summary>
internal static class TopicViewExtensions
{
    public static TopicView With(this TopicView view, Presence presence, ulong version) => Edited(view, version, editor => editor.Add(presence));

    public static TopicView Without(this TopicView view, Presence presence, ulong version) => Edited(view, version, editor => editor.Remove(presence));

    private static TopicView Edited(TopicView view, ulong version, Action<TopicEditor> edit)
    {
        var editor = view.Edit();
        edit(editor);
        return editor.Complete(version);
    }
}
