using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using PresenceTracker.Configuration;

namespace PresenceTracker.Security;

/// <summary>
/// TLS between nodes that trust an authority of their own, and no other: that of the operating system lets in whoever can buy a certificate. Both
/// sides of a connection show a certificate, and each checks the other's. Immutable and thread-safe.
/// </summary>
internal sealed class NodeTls
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _authorities;

    private NodeTls(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        _certificate = certificate;
        _authorities = authorities;
    }

    /// <summary>Reads the files that the settings name.</summary>
    /// <param name="faults">What of them cannot be used is added here.</param>
    /// <returns>Null if the settings name none, or there are faults.</returns>
    public static NodeTls? Load(PresenceSettings settings, List<ConfigurationFault> faults)
    {
        if (settings is not { TlsCertificate: { } certificateFile, TlsKey: { } keyFile, TlsAuthority: { } authorityFile })
        {
            return null;
        }

        var certificateText = Read("presence.tls.certificate", certificateFile, faults);
        var keyText = Read("presence.tls.key", keyFile, faults);
        var authorityText = Read("presence.tls.authority", authorityFile, faults);
        var authorities = authorityText is null ? null : AuthoritiesIn(authorityText, authorityFile, faults);
        if (certificateText is null || keyText is null || authorities is null
            || CertificateIn(certificateText, keyText, certificateFile, keyFile, faults) is not { } certificate)
        {
            return null;
        }

        if (FaultOf(certificate, authorities, sent: null) is { } untrusted)
        {
            const string allowed = "a certificate, valid now, that an authority has signed which presence.tls.authority names";
            faults.Add(new ConfigurationFault("presence.tls.certificate", $"{certificateFile} ({untrusted})", allowed));
            return null;
        }

        return new NodeTls(certificate, authorities);
    }

    /// <summary>Looks whether the certificate can be read that Akka's own settings name, as Akka.Remote will.</summary>
    public static void CheckAkkas(Config config, List<ConfigurationFault> faults)
    {
        const string tcp = "akka.remote.dot-netty.tcp";
        if (!config.GetBoolean($"{tcp}.enable-ssl", false) || config.GetString($"{tcp}.ssl.certificate.path", "") is not { Length: > 0 } file)
        {
            return;
        }

        try
        {
            X509CertificateLoader.LoadPkcs12FromFile(file, config.GetString($"{tcp}.ssl.certificate.password", "")).Dispose();
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            faults.Add(new ConfigurationFault(
                $"{tcp}.ssl.certificate.path", $"{file} ({unusable.Message})", "a PKCS #12 file that can be read with ssl.certificate.password"));
        }
    }

    public DotNettySslSetup ToSetup() => new(_certificate, suppressValidation: false, requireMutualAuthentication: true, IsTrusted);

    private static string? Read(string key, string file, List<ConfigurationFault> faults)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            faults.Add(new ConfigurationFault(key, $"{file} ({unreadable.Message})", "a file that can be read"));
            return null;
        }
    }

    private static X509Certificate2Collection? AuthoritiesIn(string text, string file, List<ConfigurationFault> faults)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            // As good as none.
        }

        if (authorities.Count > 0)
        {
            return authorities;
        }

        faults.Add(new ConfigurationFault("presence.tls.authority", file, "a file with the certificates of authorities, as PEM"));
        return null;
    }

    private static X509Certificate2? CertificateIn(string text, string key, string file, string keyFile, List<ConfigurationFault> faults)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(text, key);
            if (!OperatingSystem.IsWindows())
            {
                return certificate;
            }

            // There TLS takes no key that is in memory alone.
            using (certificate)
            {
                return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
            }
        }
        catch (Exception unusable) when (unusable is CryptographicException or ArgumentException)
        {
            const string allowed = "a file with a certificate, and presence.tls.key one with its private key without a password, as PEM";
            faults.Add(new ConfigurationFault("presence.tls.certificate", $"{file} with {keyFile} ({unusable.Message})", allowed));
            return null;
        }
    }

    private bool IsTrusted(X509Certificate2? certificate, X509Chain? sent, string peer, SslPolicyErrors errors, ILoggingAdapter log) =>
        certificate is not null && FaultOf(certificate, _authorities, sent) is null;

    /// <summary>Why the certificate is not one that these authorities have signed, and valid now; null if it is.</summary>
    private static string? FaultOf(X509Certificate2 certificate, X509Certificate2Collection authorities, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);

        // An authority of one's own publishes no list of what it has revoked; and nothing is fetched because a stranger's certificate says so.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate) ? null : string.Join(", ", chain.ChainStatus.Select(status => status.Status));
    }
}
