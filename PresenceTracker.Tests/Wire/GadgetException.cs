#pragma warning disable SYSLIB0051 // The old constructor of exceptions is what Akka's serializer calls.
using System.Runtime.Serialization;

namespace PresenceTracker.Tests.Wire;

/// <summary>A gadget that travels in a failure: Akka builds whatever type the failure names by this constructor.</summary>
public sealed class GadgetException : Exception
{
    public GadgetException()
    {
    }

    private GadgetException(SerializationInfo info, StreamingContext context)
        : base(info, context) => Gadgets.Count();
}
