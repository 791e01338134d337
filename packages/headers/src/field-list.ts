import { type FieldBlock, matchesAt } from './field-block.js';

/** Fields that may be changed: what an {@link HTTPMessage} keeps once it was mutated. The same look-ups as a {@link FieldBlock}. */
export class FieldList {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  /** The fields of a block as a list of their own. */
  static from(block: FieldBlock): FieldList {
    const list = new FieldList();
    for (const [name, value] of block) list.push(name, value);
    return list;
  }

  get size(): number {
    return this.#names.length;
  }

  nameAt(index: number): string {
    return this.#names[index]!;
  }

  valueAt(index: number): string {
    return this.#values[index]!;
  }

  find(name: string, from: number): number {
    const names = this.#names;
    for (let at = from; at < names.length; at++) {
      const candidate = names[at]!;
      if (candidate.length === name.length && matchesAt(candidate, 0, name)) return at;
    }
    return -1;
  }

  push(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  replace(index: number, name: string, value: string): void {
    this.#names[index] = name;
    this.#values[index] = value;
  }

  /** Removes the fields of that name from field `from` on, in one pass however many they are. */
  remove(name: string, from: number): void {
    let kept = from;
    for (let at = from; at < this.size; at++) {
      const candidate = this.nameAt(at);
      if (candidate.length === name.length && matchesAt(candidate, 0, name)) continue;
      this.replace(kept++, candidate, this.valueAt(at));
    }
    this.#names.length = this.#values.length = kept;
  }
}
