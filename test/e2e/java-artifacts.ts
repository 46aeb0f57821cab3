/** What the Java programs need of Maven Central: Strimzi's client with what it depends on, and a compiler. */

/** A file of Maven Central. */
export interface Artifact {
  /** `GROUP:NAME`. */
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
}

const artifact = (id: string, version: string, sha256: string): Artifact => ({ id, version, sha256 });

/** Compiles on a Java without a compiler of its own. */
export const compiler: Artifact = artifact(
  "org.eclipse.jdt:ecj",
  "3.40.0",
  "05cc22a24e7982970f63a405fc6c820bc80b806f27f3c5a6236fc475f8f7152b",
);

/** The class path. The versions are those that Strimzi's own POM names. */
export const libraries: readonly Artifact[] = [
  artifact(
    "io.strimzi:kafka-oauth-client",
    "0.17.1",
    "be21f5213fddcd1d2e31980879a9d2d7bb261a033f5cf28adf60670dc31b5964",
  ),
  artifact(
    "io.strimzi:kafka-oauth-common",
    "0.17.1",
    "15c9398749c5ec9c6da0424aef48878ae3ece3b7870dc63dc761d9b3433dd43d",
  ),
  artifact(
    "org.apache.kafka:kafka-clients",
    "4.1.0",
    "eb74709dc3be35e06208827860c87a94872e8a4b00f466880670785c85a20627",
  ),
  artifact(
    "com.nimbusds:nimbus-jose-jwt",
    "10.0.2",
    "960b978a6cd6cbc3319648adc73959789f6742a2bf1e8dd0c843dbc91624218a",
  ),
  artifact(
    "com.fasterxml.jackson.core:jackson-core",
    "2.15.3",
    "51fab7aad51ed588482edc507fd542747936c5094d1ab76ed21ddb63b96b610d",
  ),
  artifact(
    "com.fasterxml.jackson.core:jackson-annotations",
    "2.15.3",
    "aae865c3d88256d61b11523cb1e88bd48d5b9ad5855fa1fc859504fd2204708a",
  ),
  artifact(
    "com.fasterxml.jackson.core:jackson-databind",
    "2.15.3",
    "c3c53333a2172a80678bda1803e39cff45bec6ae3e9c7d4f44a81ec4e2ab18dc",
  ),
  artifact(
    "com.jayway.jsonpath:json-path",
    "2.9.0",
    "11a9ee6f88bb31f1450108d1cf6441377dec84aca075eb6bb2343be157575bea",
  ),
  artifact("net.minidev:json-smart", "2.5.2", "4fbdedb0105cedc7f766b95c297d2e88fb6a560da48f3bbaa0cc538ea8b7bf71"),
  artifact("net.minidev:accessors-smart", "2.5.2", "9b8a7bc43861d6156c021166d941fb7dddbe4463e2fa5ee88077e4b01452a836"),
  artifact("org.slf4j:slf4j-api", "1.7.36", "d3ef575e3e4979678dc01bf1dcce51021493b4d11fb7f1be8ad982877c16a1c0"),
  // Without any log: what a program writes is what the tests compare.
  artifact("org.slf4j:slf4j-nop", "1.7.36", "c214958b07816cb4412b30c7bdbd4308ffdc6ba2a83767b8f3a9229cbd9274d6"),
];
