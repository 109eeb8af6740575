package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;

/** The page at a gateway that asks who calls: nobody sees anything without a key, and each tenant sees its own. */
class PageTenantsTest {

    @TempDir Path folder;

    @Test
    void aKeyOpensItsOwnTenantsJobsAndNobodyElses() throws Exception {
        JsonNode first = key("first");
        JsonNode second = key("second");
        Path keys = Files.writeString(folder.resolve("keys"), first.get("line").asText() + "\n" + second.get("line").asText() + "\n");
        Path data = SmallData.first(40, "calibration", folder.resolve("data")).getParent();
        try (Browser browser = Browser.open(folder.resolve("profile"));
                EmbeddedMesh mesh = EmbeddedMesh.start(folder.resolve("home"), Map.of("KOGATA_GATEWAY_IDENTITY_API_KEYS", keys.toString()))) {
            browser.driver.get(mesh.server() + "/#/new");
            browser.awaits("dialog h2", "Who are you?");
            use(browser, "a-key-that-nobody-was-ever-given");
            browser.awaits("dialog [role=alert]", "not known");
            browser.requireAccessible();
            use(browser, first.get("key").asText());

            browser.awaits("h1", "New job");
            browser.element("#model-folder").sendKeys(CompressTest.MODEL.toString());
            browser.awaits("fieldset .taken", "nano-optimum");
            browser.element("#data-folder").sendKeys(data.toString());
            browser.awaits("fieldset .taken", "data ·");
            browser.unfold("Advanced");
            browser.type("#trials", "100000");
            browser.type("#context", "256");
            browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
            browser.awaits("section", "of 100,000 trials");
            String job = browser.driver.getCurrentUrl();

            browser.element("#key").click();
            browser.awaits("dialog h2", "Who are you?");
            use(browser, second.get("key").asText());
            assertThat(browser.awaits(".problem", "NOT_FOUND").getText()).contains(job.replaceFirst(".*#/", "")).doesNotContain("first");
            browser.driver.findElement(By.linkText("Jobs")).click();
            browser.awaits("main", "No jobs yet");
            browser.driver.findElement(By.linkText("Models and data")).click();
            browser.awaits("section", "No models yet");
            browser.driver.findElement(By.linkText("Jobs")).click();

            browser.element("#key").click();
            browser.awaits("dialog h2", "Who are you?");
            use(browser, first.get("key").asText());
            browser.awaits("tbody tr", "nano-optimum").findElement(By.tagName("a")).click();
            browser.awaits("#cancel", "Cancel").click();
            browser.awaits("#yes", "Cancel").click();
            browser.awaits(".state", "Cancelled");
            assertThat(browser.errors()).filteredOn(error -> error.contains("Content Security Policy")).isEmpty();
        }
    }

    private static void use(Browser browser, String key) {
        browser.type("#key-field", key);
        browser.driver.findElement(By.xpath("//dialog//button[.='Use it']")).click();
    }

    private static JsonNode key(String tenant) throws Exception {
        Kogata.Run run = Kogata.run(Map.of(), "key", tenant, "page", "--json");
        assertThat(run.exit()).as(run.toString()).isZero();
        return new ObjectMapper().readTree(run.out());
    }
}
