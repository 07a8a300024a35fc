package io.axolotl.client.ctl;

import java.util.Iterator;
import java.util.List;

/** The forms of answers, by their names for {@code --write-out}. No state. */
final class Forms implements Iterable<String> {
    static final String SIMPLE = "simple";

    private static final List<String> NAMES = List.of(SIMPLE, "json", "fields", "protobuf", "table");

    @Override
    public Iterator<String> iterator() {
        return NAMES.iterator();
    }

    /**
     * What prints answers in a form.
     *
     * @param kind the interface for these answers
     * @param hex whether the simple form shows bytes in hexadecimal
     * @throws CtlFailure if there is no such form, or not for these answers
     */
    static <P> P printer(Class<P> kind, String form, Console console, boolean hex) {
        List<Object> printers = switch (form) {
            case SIMPLE ->
                List.of(new SimplePrinter(console, hex), LeasePrinter.simple(console), AuthPrinter.simple(console));
            case "json" -> List.of(new JsonPrinter(console));
            case "fields" -> List.of(new FieldsPrinter(console));
            case "protobuf" -> List.of(new ProtobufPrinter(console));
            case "table" -> List.of(new TablePrinter(console));
            default -> throw new CtlFailure(ExitCode.BAD_FEATURE, "unsupported output format");
        };
        return printers.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow(() -> new CtlFailure(ExitCode.BAD_FEATURE, form + " not supported as output format"));
    }
}
