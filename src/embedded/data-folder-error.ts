/** What is kept between starts cannot be used. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
  /** True when the data are lost, so that there is nothing to lose by forgetting them. */
  readonly isBroken: boolean;

  constructor(message: string, isBroken = false) {
    super(message);
    this.isBroken = isBroken;
  }
}
