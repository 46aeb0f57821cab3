import io.quarkus.oidc.client.OidcClients;
import io.quarkus.oidc.client.runtime.OidcClientDefaultIdConfigBuilder;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.oidc.client.runtime.OidcClientsImpl;
import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.runtime.configuration.RuntimeConfigBuilder;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;

/**
 * Gets a token as a Quarkus application does that has no settings but the environment's, and asks the realm whose it is.
 * Only what the build of an application generates is written by hand: Quarkus' configuration is told of the client's
 * mapping, and the bean of the clients is made.
 */
final class KeycloakQuarkus {
  /** Nothing under `quarkus.tls`. */
  private static final class NoTls implements TlsConfigurationRegistry {
    @Override
    public Optional<TlsConfiguration> get(String name) {
      return Optional.empty();
    }

    @Override
    public Optional<TlsConfiguration> getDefault() {
      return Optional.empty();
    }

    @Override
    public void register(String name, TlsConfiguration configuration) {
      throw new UnsupportedOperationException(name);
    }
  }

  private static OidcClientsConfig configuration() {
    var builder = new SmallRyeConfigBuilder();
    new RuntimeConfigBuilder().configBuilder(builder);
    new OidcClientDefaultIdConfigBuilder().configBuilder(builder);
    builder.addDiscoveredConverters().withMapping(OidcClientsConfig.class);
    return builder.build().getConfigMapping(OidcClientsConfig.class);
  }

  private static OidcClients clients(Vertx vertx) throws ReflectiveOperationException {
    ProxyConfigurationRegistry noProxies = name -> Optional.empty();
    // An application's beans are made from the package itself.
    var constructor = OidcClientsImpl.class.getDeclaredConstructor(
        OidcClientsConfig.class, Vertx.class, TlsConfigurationRegistry.class, ProxyConfigurationRegistry.class);
    constructor.setAccessible(true);
    return constructor.newInstance(configuration(), vertx, new NoTls(), noProxies);
  }

  /** Trust in the authority of the company's machines, as an image has it in its Java's own store. */
  private static void trust(Path file) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var pem = Files.newInputStream(file)) {
      store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    var target = Files.createTempFile("authority", ".p12");
    target.toFile().deleteOnExit();
    try (var out = Files.newOutputStream(target)) {
      store.store(out, "changeit".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", target.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }

  public static void main(String[] args) throws Exception {
    trust(Path.of(System.getenv("SSL_CERT_FILE")));
    var vertx = Vertx.vertx();
    try {
      var userinfo = URI.create("https://auth.example.com/realms/reports/protocol/openid-connect/userinfo");
      var token = clients(vertx).getClient().getTokens().await().atMost(Duration.ofSeconds(20)).getAccessToken();
      var request = HttpRequest.newBuilder(userinfo).header("authorization", "Bearer " + token).build();
      var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
      System.out.println(answer.body());
    } finally {
      vertx.close();
    }
  }
}
