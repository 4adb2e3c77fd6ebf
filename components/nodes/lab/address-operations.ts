import type { Operations } from "../../dynamic";
import { LabClient, LabError } from "./client";

interface AddressInputs {
  readonly name: string;
}

interface AddressOutputs extends AddressInputs {
  readonly host: string;
}

/** Reserves, reads and releases an address of the lab. */
export const operations: Operations<AddressInputs, AddressOutputs> = {
  diff: async (_id, olds, news) => ({
    changes: olds.name !== news.name,
    replaces: olds.name === news.name ? [] : ["name"],
  }),

  create: async ({ name }) => {
    const { address } = await new LabClient().reserve(name);
    return { id: name, outs: { name, host: address } };
  },

  read: async (id) => {
    const found = (await new LabClient().status()).addresses.find(({ name }) => name === id);
    return found ? { id, props: { name: id, host: found.address } } : {};
  },

  delete: async (id) => {
    try {
      await new LabClient().free(id);
    } catch (error) {
      if (!(error instanceof LabError && error.status === 404)) throw error;
    }
  },
};
