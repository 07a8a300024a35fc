package io.axolotl.client;

/** The result of an operation on keys, alone or as part of a transaction. Inside one the header has only a revision (HD-4). */
public sealed interface OpResult permits PutResult, GetResult, DeleteResult, TxnResult {
    Header header();
}
