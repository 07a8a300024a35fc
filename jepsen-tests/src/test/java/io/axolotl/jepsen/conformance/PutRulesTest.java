package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.PutRequest;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class PutRulesTest extends Asked {
    @Test
    @Contract(
            value = "PU-1",
            errors = {ContractError.EMPTY_KEY, ContractError.VALUE_PROVIDED, ContractError.LEASE_PROVIDED})
    void requestIsCheckedInOrder() {
        refused(
                ContractError.EMPTY_KEY,
                () -> put(PutRequest.newBuilder().setValue(bytes("1")).setIgnoreValue(true)));
        refused(
                ContractError.VALUE_PROVIDED,
                () -> put(putting("a", "1")
                        .setIgnoreValue(true)
                        .setIgnoreLease(true)
                        .setLease(7)));
        refused(
                ContractError.LEASE_PROVIDED,
                () -> put(putting("a", "1").setIgnoreLease(true).setLease(7)));
        assertThat(get("a").getKvsList()).isEmpty();
    }

    @Test
    @Contract(value = "PU-2", errors = ContractError.LEASE_NOT_FOUND)
    void leaseMustExist() {
        long before = put("a", "1");
        refused(ContractError.LEASE_NOT_FOUND, () -> put(putting("a", "2").setLease(987_654_321)));
        assertThat(values(get("a").getKvsList())).containsExactly("1");
        assertThat(revision()).isEqualTo(before);
    }

    @Test
    @Contract(
            value = "PU-3",
            errors = {ContractError.KEY_NOT_FOUND, ContractError.LEASE_NOT_FOUND})
    void keepingValueOrLeaseNeedsTheKey() {
        refused(ContractError.KEY_NOT_FOUND, () -> put(putting("a", "").setIgnoreValue(true)));
        refused(ContractError.KEY_NOT_FOUND, () -> put(putting("a", "1").setIgnoreLease(true)));
        // Of both troubles the lease is told first.
        refused(
                ContractError.LEASE_NOT_FOUND,
                () -> put(putting("a", "").setIgnoreValue(true).setLease(987_654_321)));
    }

    @Test
    @Contract("PU-3")
    void keptValueStaysAndBothFlagsBumpTheVersion() {
        put("a", "1");
        put(putting("a", "").setIgnoreValue(true));
        assertThat(values(get("a").getKvsList())).containsExactly("1");
        put(putting("a", "").setIgnoreValue(true).setIgnoreLease(true));
        put(putting("a", "2").setIgnoreLease(true));
        KeyValue kv = get("a").getKvs(0);
        assertThat(kv.getVersion()).isEqualTo(4);
        assertThat(kv.getValue()).isEqualTo(bytes("2"));
    }

    @Test
    @Contract("PU-5")
    void previousKeyValueIsThatBeforeThePut() {
        assertThat(put(putting("a", "1").setPrevKv(true)).hasPrevKv()).isFalse();
        KeyValue before = get("a").getKvs(0);
        assertThat(put(putting("a", "2").setPrevKv(true)).getPrevKv()).isEqualTo(before);
        assertThat(put(putting("a", "3")).hasPrevKv()).isFalse();
        delete(deleting("a"));
        assertThat(put(putting("a", "4").setPrevKv(true)).hasPrevKv()).isFalse();
    }

    @Test
    @Contract("PU-6")
    void equalValueIsAChangeToo() {
        long first = put("a", "1");
        assertThat(put("a", "1")).isEqualTo(first + 1);
        assertThat(get("a").getKvs(0).getVersion()).isEqualTo(2);
    }
}
