package io.axolotl.jepsen.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

@Label("Markup is well-formed whatever text goes in")
class HtmlTest {
    static Element parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)))
                .getDocumentElement();
    }

    @Property(tries = 200)
    void textAndAttributesComeBackAsTheyWere(@ForAll String text, @ForAll String attribute) throws Exception {
        Element read = parse(
                new Html().leaf("p", text, "title", attribute).toString()
                // What XML calls white space in attributes and at the end of lines is of no concern.
                );
        assertThat(normal(read.getTextContent())).isEqualTo(normal(text));
        assertThat(normal(read.getAttribute("title"))).isEqualTo(normal(attribute));
        assertThat(read.getChildNodes().getLength()).isLessThanOrEqualTo(1);
    }

    /** What XML does to ends of lines, and what no document may hold. */
    private static String normal(String text) {
        StringBuilder plain = new StringBuilder();
        text.codePoints().forEach(point -> {
            boolean isSpace = point == '\t' || point == '\n' || point == '\r' || point == ' ';
            boolean isOdd = point < 0x20 || (point >= 0xD800 && point <= 0xDFFF) || point == 0xFFFE || point == 0xFFFF;
            plain.appendCodePoint(isSpace ? ' ' : isOdd ? 0xFFFD : point);
        });
        return plain.toString().replaceAll(" +", " ");
    }

    @Example
    void markupInATextIsText() {
        assertThat(new Html()
                        .leaf("p", "</p><script>alert('a & \"b\"')</script>")
                        .toString())
                .isEqualTo("<p>&lt;/p&gt;&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;</p>");
    }

    @Example
    void elementThatIsNotClosedIsNoticed() {
        assertThatThrownBy(() -> new Html().open("div").toString())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("<div> is not closed");
        assertThatThrownBy(() -> new Html().open("div", "class")).isInstanceOf(IllegalArgumentException.class);
    }
}
