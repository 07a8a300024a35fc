package io.axolotl.client.ctl;

import io.axolotl.client.DeleteResult;
import io.axolotl.client.GetResult;
import io.axolotl.client.PutResult;
import io.axolotl.client.TxnResult;

/** Prints what calls on keys returned. */
interface KvPrinter {
    void put(PutResult result);

    void get(GetResult result, boolean valuesOnly, boolean countOnly);

    void delete(DeleteResult result);

    void txn(TxnResult result);
}
