package io.axolotl.jepsen.chaos.measure;

import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Names of members: the first is n1, and its number in records is 0. */
public final class Members {
    private static final Pattern NAME = Pattern.compile("\\bn(\\d{1,3})\\b");
    private static final Pattern EVERY = Pattern.compile("\\b(all|every|everyone|cluster)\\b");

    private Members() {}

    /** What the member of a number is called; the client that may choose is {@code any}. */
    public static String name(int member) {
        return member < 0 ? "any" : "n" + (member + 1);
    }

    /**
     * The members that the target of a fault names: {@code n1}, {@code n1 n3}, {@code n2->n1}, {@code all}.
     *
     * @param nodes how many there are; only a target of all of them needs it
     * @return their numbers in order; empty if it names none
     */
    public static List<Integer> of(String target, int nodes) {
        if (EVERY.matcher(target.toLowerCase(Locale.ROOT)).find()) {
            return IntStream.range(0, nodes).boxed().toList();
        }
        TreeSet<Integer> found = new TreeSet<>();
        Matcher name = NAME.matcher(target);
        while (name.find()) {
            int number = Integer.parseInt(name.group(1));
            if (number > 0) {
                found.add(number - 1);
            }
        }
        return List.copyOf(found);
    }
}
