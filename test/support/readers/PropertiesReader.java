import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Reads a file as java.util.Properties and prints NAME=VALUE, each ended by a NUL byte. */
class PropertiesReader {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    Path file = Path.of(args[1]);
    if (args[0].equals("stream")) {
      try (InputStream stream = Files.newInputStream(file)) {
        properties.load(stream);
      }
    } else {
      properties.load(Files.newBufferedReader(file, StandardCharsets.UTF_8));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String name : properties.stringPropertyNames()) {
      out.writeBytes((name + "=" + properties.getProperty(name) + "\0").getBytes(StandardCharsets.UTF_8));
    }
    System.out.write(out.toByteArray());
    System.out.flush();
  }
}
