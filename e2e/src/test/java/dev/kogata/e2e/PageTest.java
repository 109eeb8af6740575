package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The page in a real browser, over the packaged mesh: what a person does with it, from the first upload to the report. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageTest {

    /** A name that would be a script in a page that takes names for markup. */
    private static final String NAME = "<img src=x onerror=alert(1)><script>alert(1)<";

    @TempDir static Path folder;
    private Browser browser;
    private EmbeddedMesh mesh;
    private Path model;
    private Path data;
    private String job;

    @BeforeAll
    void open() throws Exception {
        browser = Browser.open(folder.resolve("profile"));
        model = Files.write(folder.resolve(NAME + ".zip"), Rest.zip(CompressTest.MODEL));
        data = SmallData.first(40, "calibration", folder.resolve("data")).getParent();
        mesh = EmbeddedMesh.start(folder.resolve("home"));
    }

    @AfterAll
    void close() throws InterruptedException {
        if (browser != null) {
            browser.close();
        }
        if (mesh != null) {
            mesh.close();
        }
    }

    private void go(String hash) {
        browser.driver.get("about:blank");
        browser.driver.get(mesh.server() + "/" + hash);
    }

    @Test
    @Order(1)
    void aModelAndABudgetBecomeAReport() throws Exception {
        go("");
        browser.awaits("main", "No jobs yet").findElement(By.linkText("Compress a model")).click();
        browser.awaits("h1", "New job");
        browser.element("#model-files").sendKeys(model.toString());
        browser.element("#data-folder").sendKeys(data.toString());
        browser.awaits("fieldset .taken", "data ·");
        browser.unfold("Go or no-go");
        browser.type("#kl", "100");
        browser.unfold("More");
        browser.type("#trials", "12");
        browser.type("#context", "256");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();

        browser.awaits(".stages [aria-current=step]", "");
        job = browser.driver.getCurrentUrl().replaceFirst(".*#/jobs/", "");
        browser.awaits("section", "of 12 trials");
        assertThat(browser.element("#search-chart").getAttribute("aria-label")).contains("nats");
        browser.awaits(".state", "Succeeded");
        browser.awaits(".verdict", "Go");
        assertThat(browser.element("h1").getText()).isEqualTo(NAME);
        browser.driver.switchTo().frame(browser.awaits("#report-frame", ""));
        assertThat(browser.awaits("#title", NAME).getText()).isEqualTo(NAME);
        browser.awaits("#verdict", "The threshold that was given is held");
        browser.driver.switchTo().defaultContent();
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    @Order(2)
    void everyLinkOfTheResultLeadsToItsFile() throws Exception {
        go("#/jobs/" + job);
        browser.awaits(".cards", "exact answers");
        HttpClient client = HttpClient.newHttpClient();
        for (WebElement link : browser.driver.findElements(By.cssSelector("section a[href^='/v1/']"))) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(link.getAttribute("href"))).build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()).as(link.getAttribute("href")).isEqualTo(200);
        }
    }

    @Test
    @Order(3)
    void theReportNeedsNothingButItself() throws Exception {
        Path report = folder.resolve("report.html");
        HttpRequest request = HttpRequest.newBuilder(URI.create(mesh.server() + "/v1/jobs/" + job + "/report.html")).build();
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofFile(report));
        browser.driver.get(report.toUri().toString());
        browser.awaits("#title", NAME);
        assertThat(browser.errors()).isEmpty();
        assertThat(browser.driver.executeScript("return performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length")).isEqualTo(0L);
        browser.requireFits(360);
        browser.requireAccessible();
    }

    @Test
    @Order(4)
    void errorsAreInWordsAndNothingStarts() throws Exception {
        int before = jobs().size();
        go("#/new");
        choose("#model-stored");
        choose("#data-stored");
        browser.type("#budget", "much");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        assertThat(browser.awaits(".problem", "budget").getText()).contains("60%", "BUDGET_INVALID");
        browser.type("#budget", "1%");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        assertThat(browser.awaits(".problem", "BUDGET_UNREACHABLE").getText()).contains("bytes");
        assertThat(jobs()).hasSize(before);
    }

    private void choose(String select) throws Exception {
        browser.awaits(select + " option:nth-child(2)", "");
        browser.driver.findElement(By.cssSelector(select + " option:nth-child(2)")).click();
    }

    @Test
    @Order(5)
    void aRunningJobIsCancelledAndSaysSo() throws Exception {
        go("#/new");
        choose("#model-stored");
        choose("#data-stored");
        browser.unfold("More");
        browser.type("#trials", "100000");
        browser.type("#context", "256");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        browser.awaits("section", "of 100,000 trials");
        browser.element("#cancel").click();
        browser.driver.switchTo().alert().accept();
        browser.awaits(".state", "Cancelled");
        go("#/");
        browser.awaits("tbody tr:first-child .state", "Cancelled");
        browser.awaits("tbody tr:nth-child(2) .state", "Succeeded");
    }

    @Test
    @Order(6)
    void isForEverybodyInLightAndDarkAndInANarrowWindow() throws Exception {
        for (boolean dark : new boolean[] {false, true}) {
            for (String view : new String[] {"#/", "#/new", "#/jobs/" + job}) {
                go(view);
                browser.prefersDark(dark);
                browser.awaits("h1", "");
                if (view.contains(job)) {
                    browser.awaits(".cards", "exact answers");
                }
                browser.requireAccessible();
                browser.requireFits(360);
            }
        }
    }

    @Test
    @Order(7)
    void theKeyboardIsEnough() throws Exception {
        go("#/new");
        browser.awaits("h1", "New job");
        press(Keys.TAB);
        assertThat(focused()).isEqualTo("To the content");
        for (int i = 0; i < 40 && !focused().equals("Compress"); i++) {
            press(Keys.TAB);
        }
        press(Keys.ENTER);
        browser.awaits(".problem", "Model: nothing is chosen");
    }

    private void press(Keys key) {
        new Actions(browser.driver).sendKeys(key).perform();
    }

    private String focused() {
        return browser.driver.switchTo().activeElement().getText();
    }

    private JsonNode jobs() throws IOException, InterruptedException {
        return Rest.get(mesh.server() + "/v1/jobs").get("jobs");
    }
}
