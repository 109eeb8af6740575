package dev.kogata.k8s.manifest;

import dev.kogata.gateway.GatewayConfig;
import dev.kogata.gateway.request.RequestsConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.orchestrator.JobsConfig;
import dev.kogata.orchestrator.quota.QuotaConfig;
import dev.kogata.orchestrator.scale.KubernetesConfig;
import io.smallrye.config.ConfigMapping;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Every setting that Kogata's code reads, as environment variables, taken from the interfaces that it reads them with. */
final class Settings {
    private static final List<Class<?>> INTERFACES = List.of(KogataConfig.class, JobsConfig.class, QuotaConfig.class, KubernetesConfig.class, GatewayConfig.class, RequestsConfig.class);

    private Settings() {}

    /** Names; one that ends with {@code *} stands for all that begin so. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        INTERFACES.forEach(each -> collect(each, each.getAnnotation(ConfigMapping.class).prefix(), names));
        return names;
    }

    static boolean isRead(String variable) {
        return names().stream().anyMatch(name -> name.endsWith("*") ? variable.startsWith(name.substring(0, name.length() - 1)) : variable.equals(name));
    }

    private static void collect(Class<?> mapping, String prefix, Set<String> names) {
        for (Method setting : mapping.getMethods()) {
            String name = prefix + "." + setting.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (setting.getReturnType().isInterface() && setting.getReturnType().getName().startsWith("dev.kogata.")) {
                collect(setting.getReturnType(), name, names);
            } else {
                String variable = name.replaceAll("[^a-z0-9]", "_").toUpperCase(Locale.ROOT);
                names.add(Map.class.isAssignableFrom(setting.getReturnType()) ? variable + "_*" : variable);
            }
        }
    }
}
