package io.axolotl.storage.identity;

/** The data folder is not the one that the server was configured for, or has lost a part. The message says the fix. */
public class ForeignFolderException extends RuntimeException {
    public ForeignFolderException(String message) {
        super(message);
    }
}
