package io.axolotl.jepsen.workload;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import java.util.Arrays;
import java.util.function.Consumer;

/** All keys, page by page, as they were at one revision. */
final class KeyPages {
    private static final int PAGE_KEYS = 5_000;

    private KeyPages() {}

    /**
     * Hands every key at or above {@code from} to {@code each}, in order.
     *
     * @param revision 0 for the latest at the time of the first page
     * @param serializable what the member that answers has, without asking a quorum
     * @return the revision that was read
     */
    static long forEach(
            AxolotlClient client, Bytes from, long revision, boolean serializable, Consumer<KeyValue> each) {
        long at = revision;
        KeyRange range = KeyRange.from(from);
        while (true) {
            GetOptions options =
                    GetOptions.DEFAULT.withLimit(PAGE_KEYS).withRevision(at).withSerializable(serializable);
            GetResult page = client.kv().get(range, options).await();
            if (at == 0) {
                at = page.header().revision();
            }
            page.kvs().forEach(each);
            if (!page.more()) {
                return at;
            }
            range = KeyRange.from(
                    successor(page.kvs().get(page.kvs().size() - 1).key()));
        }
    }

    /** The smallest key above this one. */
    private static Bytes successor(Bytes key) {
        return Bytes.copyOf(Arrays.copyOf(key.toByteArray(), key.size() + 1));
    }
}
