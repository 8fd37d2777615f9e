// The market as a page knows it: people, who call it by gRPC-Web. The contracts come at run time as a
// descriptor set, so that there is no generated code.

import { createFileRegistry, fromBinary, fromJson, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

// What follows by itself may take a moment, and no longer.
const PATIENCE_MS = 30_000;
const PAUSE_MS = 50;

export function check(truth, said) {
    if (!truth) throw new Error(said);
}

export class Market {
    // The consistency token of the last write.
    written = "";

    constructor(url, descriptors) {
        this.contracts = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
        this.transport = createGrpcWebTransport({ baseUrl: url });
    }

    // Somebody with this token; without one, a stranger.
    person(token) {
        return new Person(this, token);
    }

    // The RPC of a path such as `post.v1.PostService/CreatePost`, and what calls it.
    rpc(path) {
        const [service, name] = path.split("/");
        const contract = this.contracts.getService(`jangteo.${service}`);
        const method = contract.methods.find((it) => it.name === name);
        return { method, send: createClient(contract, this.transport)[method.localName] };
    }

    // The details of this type that an error has.
    details(error, type) {
        return error.findDetails(this.contracts.getMessage(`google.rpc.${type}`));
    }
}

class Person {
    constructor(market, token) {
        this.market = market;
        this.headers = token ? { authorization: `Bearer ${token}` } : {};
    }

    // Calls an RPC; the reply is its JSON.
    async call(path, body, headers = {}) {
        const { method, send } = this.market.rpc(path);
        const reply = await send(fromJson(method.input, body), {
            headers: { ...this.headers, ...headers },
            onHeader: (told) => (this.market.written = told.get("jangteo-token") ?? this.market.written),
        });
        return toJson(method.output, reply);
    }

    // Calls an RPC that has to be refused so; answers the error.
    async refused(code, reason, path, body) {
        const said = await this.call(path, body).catch((error) => ConnectError.from(error));
        check(said instanceof ConnectError, `${path} should be refused: ${JSON.stringify(said)}`);
        const reasons = this.market.details(said, "ErrorInfo").map((info) => info.reason);
        const told = `${Code[said.code]} ${reasons}`;
        check(told === `${Code[code]} ${reason}`, `${path} should be ${reason}: ${told} ${said.message}`);
        return said;
    }

    // Reads again and again until what is read is in this state.
    async becomes(state, path, body) {
        const end = Date.now() + PATIENCE_MS;
        for (;;) {
            const read = await this.call(path, body);
            if (read.state === state) return;
            check(Date.now() < end, `${path} should have become ${state}: ${JSON.stringify(read)}`);
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
    }

    // What the last write did, on my-page.
    sale(postId) {
        const since = { "jangteo-token": this.market.written };
        return this.call("view.v1.MySalesService/GetMySale", { postId }, since);
    }

    // Watches my-page: the JSON of each change.
    async *watch(signal) {
        const { method, send } = this.market.rpc("view.v1.MySalesService/WatchMySales");
        for await (const change of send({}, { headers: this.headers, signal })) {
            yield toJson(method.output, change);
        }
    }
}
