package io.axolotl.storage;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between the packages of this module, as style.md draws them. */
class ArchitectureTest {
    private static final JavaClasses STORAGE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.axolotl.storage");

    @Test
    void onlyTheRocksDbPackageSeesTheJni() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.axolotl.storage.rocksdb")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.rocksdb..")
                .check(STORAGE);
    }

    @Test
    void theStoreKnowsItsEngineByThePortAlone() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.axolotl.storage.mvcc",
                        "io.axolotl.storage.lease",
                        "io.axolotl.storage.session",
                        "io.axolotl.storage.statemachine",
                        "io.axolotl.storage.snapshot")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.axolotl.storage.rocksdb")
                .check(STORAGE);
    }

    @Test
    void whatIsAppliedLooksAtNoClockAndNoChance() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.axolotl.storage.mvcc",
                        "io.axolotl.storage.lease",
                        "io.axolotl.storage.session",
                        "io.axolotl.storage.statemachine",
                        "io.axolotl.storage.command")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.time..", "java.util.random..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.HashMap")
                .as("pitfall 50: apply depends on the state and the entries alone")
                .check(STORAGE);
    }

    /** As above; of maps without an order only those that nobody goes through, which is what it keeps. */
    @Test
    void whoMayDoWhatLooksAtNoClockAndNoChance() {
        noClasses()
                .that()
                .resideInAPackage("io.axolotl.storage.auth")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.time..", "java.util.random..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .as("pitfall 50: apply depends on the state and the entries alone")
                .check(STORAGE);
    }

    @Test
    void filesAreReachedThroughTheDiskPort() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.axolotl.storage.disk", "io.axolotl.storage.rocksdb")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.nio\\.file\\.Files|java\\.nio\\.channels\\..*File.*|java\\.io\\.(File|RandomAccessFile|File.*Stream)")
                .check(STORAGE);
    }
}
