using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PresenceTracker.Tests.Cluster;

/// <summary>An authority that signs certificates of nodes, and their files in a folder of its own. Disposing it deletes them.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Yesterday = DateTimeOffset.UtcNow.AddDays(-1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-authority-");
    private readonly X509Certificate2 _certificate;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {_folder.Name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _certificate = request.CreateSelfSigned(Yesterday, Yesterday.AddDays(9));
        File.WriteAllText(AuthorityFile, _certificate.ExportCertificatePem());
    }

    public string AuthorityFile => PathOf("ca.crt");

    /// <summary>The settings of a node with a certificate of this authority.</summary>
    /// <param name="trusted">Whose nodes it lets in, if that is another.</param>
    /// <param name="until">When its certificate ends.</param>
    public string Settings(TestAuthority? trusted = null, DateTimeOffset? until = null)
    {
        using var certificate = Sign(until ?? Yesterday.AddDays(8));
        using var key = certificate.GetECDsaPrivateKey()!;
        var name = Path.GetRandomFileName();
        File.WriteAllText(PathOf(name + ".crt"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        return $$"""
            presence.tls {
              certificate = "{{PathOf(name + ".crt")}}"
              key = "{{PathOf(name + ".key")}}"
              authority = "{{(trusted ?? this).AuthorityFile}}"
            }
            """;
    }

    /// <summary>A certificate with its private key.</summary>
    public X509Certificate2 Sign(DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_certificate, Yesterday, until, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    public void Dispose()
    {
        _certificate.Dispose();
        _folder.Delete(recursive: true);
    }
}
