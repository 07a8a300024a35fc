package io.axolotl.server.config;

/** Whose customs count where settings from several places meet. */
public enum Customs {
    /** A flag wins over the environment; a file beside flags or settings by environment is refused. */
    AXOLOTL("axolotl server", LogOutput.Form.AXOLOTL),
    /** A setting by flag and by environment is refused; a file makes everything beside it ignored, with a warning. */
    ETCD("etcd", LogOutput.Form.CAPNSLOG);

    private final String program;
    private final LogOutput.Form logForm;

    Customs(String program, LogOutput.Form logForm) {
        this.program = program;
        this.logForm = logForm;
    }

    String program() {
        return program;
    }

    /** How lines of the log look if nobody says. */
    LogOutput.Form logForm() {
        return logForm;
    }
}
