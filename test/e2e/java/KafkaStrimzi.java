import io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;

/** Logs in as a Kafka client does with Strimzi's handler and no settings, and asks a server who it is by the token. */
final class KafkaStrimzi {
  /** The token that the client would present to the broker. */
  private static String login() throws Exception {
    var settings = new AppConfigurationEntry(
        OAuthBearerLoginModule.class.getName(), LoginModuleControlFlag.REQUIRED, Map.of());
    var handler = new JaasClientOauthLoginCallbackHandler();
    handler.configure(Map.of(), OAuthBearerLoginModule.OAUTHBEARER_MECHANISM, List.of(settings));
    var callback = new OAuthBearerTokenCallback();
    handler.handle(new Callback[] {callback});
    handler.close();
    return callback.token().value();
  }

  /** Trust in the authority of the company's machines, since Java reads no such file by itself. */
  private static SSLContext trust(Path file) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var pem = Files.newInputStream(file)) {
      store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  public static void main(String[] args) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("https://kafka.example.com/principal"))
        .header("authorization", "Bearer " + login())
        .build();
    var client = HttpClient.newBuilder().sslContext(trust(Path.of(System.getenv("SSL_CERT_FILE")))).build();
    var answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    System.out.println(answer.body());
  }
}
