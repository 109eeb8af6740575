package dev.kogata.kit.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A PostgreSQL URL without the parameters that are nobody's business: the driver logs the URL that it connects to, and none of its properties.
 *
 * @param url without them
 * @param login those parameters, decoded: {@code user}, {@code password}, {@code sslpassword}
 */
record ConnectionUrl(String url, Map<String, String> login) {
    private static final Set<String> LOGIN = Set.of("user", "password", "sslpassword");

    static ConnectionUrl of(String url) {
        int query = url.indexOf('?');
        if (query < 0) {
            return new ConnectionUrl(url, Map.of());
        }
        List<String> kept = new ArrayList<>();
        Map<String, String> login = new HashMap<>();
        for (String parameter : url.substring(query + 1).split("&")) {
            String name = parameter.split("=", 2)[0];
            if (LOGIN.contains(name)) {
                login.put(name, URLDecoder.decode(parameter.substring(Math.min(parameter.length(), name.length() + 1)), StandardCharsets.UTF_8));
            } else {
                kept.add(parameter);
            }
        }
        return new ConnectionUrl(url.substring(0, query) + (kept.isEmpty() ? "" : "?" + String.join("&", kept)), login);
    }
}
