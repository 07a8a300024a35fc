package io.axolotl.client.ctl;

import io.axolotl.client.MembersResult;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables with ASCII borders: titles in the middle, cells to the right, long texts broken between words. Widths count
 * characters.
 */
final class TablePrinter implements ClusterPrinter, EndpointPrinter {
    /** Texts longer than this are broken between words; a longer word stays whole and widens its column. */
    private static final int WRAP_CHARS = 30;

    private final Console console;

    TablePrinter(Console console) {
        this.console = console;
    }

    @Override
    public void members(MembersResult result) {
        print(
                MemberRows.MEMBER_TITLES,
                result.members().stream().map(MemberRows::member).toList());
    }

    @Override
    public void status(List<EndpointStatus> statuses) {
        print(
                MemberRows.STATUS_TITLES,
                statuses.stream().map(MemberRows::status).toList());
    }

    @Override
    public void health(List<EndpointHealth> healths) {
        print(MemberRows.HEALTH_TITLES, healths.stream().map(MemberRows::health).toList());
    }

    @Override
    public void hashes(List<EndpointHash> hashes) {
        print(MemberRows.HASH_TITLES, hashes.stream().map(MemberRows::hash).toList());
    }

    private void print(List<String> titles, List<List<String>> rows) {
        List<List<List<String>>> wrapped = rows.stream()
                .map(row -> row.stream().map(TablePrinter::wrap).toList())
                .toList();
        int[] widths = titles.stream().mapToInt(String::length).toArray();
        for (List<List<String>> row : wrapped) {
            for (int column = 0; column < widths.length; column++) {
                for (String line : row.get(column)) {
                    widths[column] = Math.max(widths[column], line.length());
                }
            }
        }
        String border = border(widths);
        console.line(border);
        StringBuilder head = new StringBuilder("|");
        for (int column = 0; column < widths.length; column++) {
            String title = titles.get(column);
            int gap = widths[column] - title.length();
            head.append(' ')
                    .append(" ".repeat(gap / 2))
                    .append(title)
                    .append(" ".repeat(gap - gap / 2))
                    .append(" |");
        }
        console.line(head.toString());
        console.line(border);
        for (List<List<String>> row : wrapped) {
            printRow(row, widths);
        }
        if (!rows.isEmpty()) {
            console.line(border);
        }
    }

    private void printRow(List<List<String>> row, int[] widths) {
        int height = row.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < height; i++) {
            StringBuilder line = new StringBuilder("|");
            for (int column = 0; column < widths.length; column++) {
                List<String> cell = row.get(column);
                String text = i < cell.size() ? cell.get(i) : "";
                line.append(' ')
                        .append(" ".repeat(widths[column] - text.length()))
                        .append(text)
                        .append(" |");
            }
            console.line(line.toString());
        }
    }

    private static String border(int[] widths) {
        StringBuilder border = new StringBuilder("+");
        for (int width : widths) {
            border.append("-".repeat(width + 2)).append('+');
        }
        return border.toString();
    }

    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        if (text.length() <= WRAP_CHARS) {
            lines.add(text);
            return lines;
        }
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WRAP_CHARS) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
