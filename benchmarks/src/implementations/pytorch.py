"""PyTorch at the same work, on standard input and output: a line of JSON asks, raw little-endian numbers follow.

  {"do": "prepare", "work": {…}, "shapes": [[…], …]}  + the operands as f32  →  {"ok": true}
  {"do": "run"}                                                              →  {"ms": 1.5}
  {"do": "result"}                                                           →  {"length": 3} + so many f32
  {"do": "memory"}                                                           →  {"kib": 300000}, the most so far

For the net "shapes" are those of the parameters and the images, and the labels follow as i32; "layers" are its
convolutions. Our tensors have the channels last, PyTorch's here the channels second, its default.
"""

import ctypes
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
source, sink = sys.stdin.buffer, sys.stdout.buffer


def read(shape, dtype=torch.float32):
    size = 1
    for length in shape:
        size *= length
    return torch.frombuffer(bytearray(source.read(4 * size)), dtype=dtype).reshape(shape)


def images(x):
    return x.permute(0, 3, 1, 2).contiguous()


def filters(w):
    return w.permute(3, 2, 0, 1).contiguous()


def images_back(x):
    return x.permute(0, 2, 3, 1)


def filters_back(w):
    return w.permute(2, 3, 1, 0)


def convolution(work, operands):
    shape, wanted = work["shape"], work["pass"]
    x, w, dy = images(operands[0]), filters(operands[1]), images(operands[2])
    stride, dilation = [shape["stride"]] * 2, [shape["dilation"]] * 2
    padding = [(taps - 1) // 2 * shape["dilation"] for taps in shape["kernel"]]
    groups = shape["groups"]

    def forward():
        return images_back(F.conv2d(x, w, None, stride, padding, dilation, groups))

    def backward(of_input, of_filters):
        mask = [of_input, of_filters, False]
        dx, dw, _ = torch.ops.aten.convolution_backward(
            dy, x, w, None, stride, padding, dilation, False, [0, 0], groups, mask
        )
        return ([images_back(dx)] if of_input else []) + ([filters_back(dw)] if of_filters else [])

    if wanted == "forward":
        return lambda: [forward()]
    if wanted == "all":
        return lambda: [forward(), *backward(True, True)]
    return lambda: backward(wanted == "gradInput", wanted == "gradFilter")


def chain(work, operands):
    (x,) = operands

    def run():
        y = x
        for operation, by in work["chain"]:
            if operation == "add":
                y = y + by
            elif operation == "mul":
                y = y * by
            else:
                y = torch.clamp(y, min=by)
        return [y]

    return run


class Net:
    """Training steps of the reference net; the same parameters in the same order as everywhere."""

    def __init__(self, work, given):
        self.net, self.layers = work["net"], work["layers"]
        *values, x = given
        self.images = images(x)
        self.labels = [read([self.net["batch"]], torch.int32).long() for _ in self.net["heads"]]
        values = [filters(value) if value.dim() == 4 else value.clone() for value in values]
        self.parameters = [value.requires_grad_() for value in values]
        rate, momentum = self.net["learningRate"], self.net["momentum"]
        self.optimiser = torch.optim.SGD(self.parameters, lr=rate, momentum=momentum)

    def loss(self):
        rest = iter(self.parameters)

        def normalised(x, layer):
            y = F.conv2d(x, next(rest), None, layer["stride"], (layer["kernel"] - 1) // 2)
            return F.batch_norm(y, None, None, next(rest), next(rest), training=True, eps=self.net["epsilon"])

        x = F.relu(normalised(self.images, self.layers["stem"]))
        for block in self.layers["blocks"]:
            y = normalised(F.relu(normalised(x, block["first"])), block["second"])
            x = F.relu(y + (x if block["projection"] is None else normalised(x, block["projection"])))
        features = x.mean((2, 3))
        total = 0
        for head, labels in zip(self.net["heads"], self.labels):
            total = total + head["weight"] * F.cross_entropy(features @ next(rest) + next(rest), labels)
        return total

    def step(self):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def result(self):
        first = self.step()
        gradient = filters_back(self.parameters[0].grad.clone())
        return [torch.tensor([first, self.step()]), gradient]


def prepared(request):
    work = request["work"]
    operands = [read(shape) for shape in request["shapes"]]
    if work["kind"] == "net":
        net = Net(work, operands)
        return net.step, net.result
    if work["kind"] == "conv":
        run = convolution(work, operands)
    elif work["kind"] == "matmul":
        a, b = operands
        run = lambda: [a @ b]
    else:
        run = chain(work, operands)
    return run, run


def say(answer, numbers=b""):
    sink.write(json.dumps(answer).encode() + b"\n" + numbers)
    sink.flush()


def main():
    run = result = None
    for line in iter(source.readline, b""):
        request = json.loads(line)
        if request["do"] == "prepare":
            run, result = prepared(request)
            say({"ok": True})
        elif request["do"] == "run":
            start = time.perf_counter()
            run()
            say({"ms": 1000 * (time.perf_counter() - start)})
        elif request["do"] == "memory":
            say({"kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss})
        else:
            flat = torch.cat([part.detach().contiguous().flatten() for part in result()])
            # Straight from memory: Debian's PyTorch may come without NumPy.
            say({"length": flat.numel()}, ctypes.string_at(flat.data_ptr(), 4 * flat.numel()))


main()
