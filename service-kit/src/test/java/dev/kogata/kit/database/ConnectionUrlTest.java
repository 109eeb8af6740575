package dev.kogata.kit.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.api.Test;

class ConnectionUrlTest {
    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://h/db, jdbc:postgresql://h/db, ",
        "jdbc:postgresql://h/db?user=u&password=p, jdbc:postgresql://h/db, p",
        "jdbc:postgresql://h/db?ssl=true&password=a%26b%3D+c&ApplicationName=x, jdbc:postgresql://h/db?ssl=true&ApplicationName=x, a&b= c",
        "jdbc:postgresql://h/db?password=a=b, jdbc:postgresql://h/db, a=b",
        "jdbc:postgresql://h/db?password, jdbc:postgresql://h/db, ''",
        "jdbc:postgresql://h/db?, jdbc:postgresql://h/db?, "})
    void keepsThePasswordApart(String given, String url, String password) {
        ConnectionUrl connection = ConnectionUrl.of(given);
        assertThat(connection.url()).isEqualTo(url);
        assertThat(connection.login().get("password")).isEqualTo(password);
    }

    @Test
    void keepsUserAndTheKeysPasswordApartToo() {
        assertThat(ConnectionUrl.of("jdbc:postgresql://h/db?user=u&sslpassword=s&sslkey=k").login()).isEqualTo(Map.of("user", "u", "sslpassword", "s"));
    }
}
