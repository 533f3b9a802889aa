using System.Globalization;
using CsCheck;
using PresenceTracker.Protocol.Collections;
using Xunit;

namespace PresenceTracker.Tests.Presences;

public sealed class SortedTreeTests
{
    private static readonly int[] KeyCounts = [5, 40, 300, 3_000];

    /// <summary>Batches of changes; each key comes, or goes if it is there. Few keys make trees that shrink to nothing, many make them deep.</summary>
    private static readonly Gen<int[][]> Batches =
        from size in Gen.Int[0, KeyCounts.Length - 1]
        let keys = KeyCounts[size]
        from batches in Gen.Int[0, keys - 1].Array[0, keys].Array[0, 12]
        select batches;

    [Fact]
    public void Whatever_comes_and_goes_a_tree_is_what_a_sorted_table_is_and_earlier_ones_stay_as_they_were() => Batches.Sample(
        batches =>
        {
            var tree = SortedTree<int>.Empty;
            var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
            List<(SortedTree<int> Tree, List<(string, int)> Entries)> earlier = [];
            var value = 0;
            foreach (var batch in batches)
            {
                earlier.Add((tree, Entries(tree)));
                var editor = tree.Edit();
                foreach (var key in batch.Select(Text))
                {
                    Assert.Equal(expected.TryGetValue(key, out var known), editor.TryGet(key, out var found));
                    Assert.Equal(known, found);
                    if (expected.Remove(key))
                    {
                        editor.Remove(key);
                    }
                    else
                    {
                        editor.Set(key, ++value);
                        expected[key] = value;
                    }
                }

                tree = editor.Complete();
                Assert.Equal(expected.Select(entry => (entry.Key, entry.Value)), Entries(tree));
                Assert.Equal(expected.Count, tree.Count);
                Assert.All(batch.Select(Text), key => Assert.Equal(expected.ContainsKey(key), tree.TryGet(key, out _)));
            }

            Assert.All(earlier, before => Assert.Equal(before.Entries, Entries(before.Tree)));
        },
        iter: 200);

    [Fact]
    public void An_editor_goes_on_after_it_has_handed_out_a_tree_and_does_not_touch_that()
    {
        var editor = SortedTree<int>.Empty.Edit();
        foreach (var key in Enumerable.Range(0, 100).Select(Text))
        {
            editor.Set(key, 1);
        }

        var first = editor.Complete();
        editor.Set(Text(50), 2);
        editor.Remove(Text(0));

        Assert.Equal(Enumerable.Range(0, 100).Select(number => (Text(number), 1)), Entries(first));
        Assert.Equal(99, editor.Complete().Count);
    }

    [Fact]
    public void A_value_is_replaced_and_what_is_not_there_is_not_removed()
    {
        var editor = SortedTree<int>.Empty.Edit();
        editor.Set("b", 1);
        editor.Set("b", 2);
        editor.Remove("a");

        Assert.Equal([("b", 2)], Entries(editor.Complete()));
    }

    private static string Text(int number) => number.ToString("d4", CultureInfo.InvariantCulture);

    private static List<(string Key, int Value)> Entries(SortedTree<int> tree)
    {
        List<(string, int)> entries = [];
        var walk = tree.GetEnumerator();
        while (walk.MoveNext())
        {
            entries.Add((walk.Key, walk.Value));
        }

        Assert.False(walk.MoveNext());
        return entries;
    }
}
