import "hash"

rule ClamAV_Test_File
{
  meta:
    description = "This is the test program of ClamAV, or one of its packed copies, which scanners report and which harms nothing."
    analyst = "The 544 bytes of clam.exe, or the exact hash of a packed copy from ClamAV's set of test files; somebody tests the scanner."
    author = "Lazaret"
    reference = "https://docs.clamav.net/manual/Usage/Scanning.html"
    severity = "critical"
  strings:
    $body = { BB 71 10 40 00 33 C0 50 50 8B F3 53 53 50 B0 29 40 30 04 66 AC 79 F9 BA 31 00 78 0D AD 50 FF 66 }
  condition:
    $body or
    (filesize == 7680 and hash.sha256(0, filesize) == "fa2901d4e97497165ce275bd8a9e94fe5266ea7a0795d96e0e439da0c7645c36") or
    (filesize == 6656 and hash.sha256(0, filesize) == "13f8764444fb9a0ffc9bfe2120e1ad163779846b747163bf14b71519504cb9ae") or
    (filesize == 1560 and hash.sha256(0, filesize) == "bfe7eeb1939e8bc16f90cb5d921437056e0e456a00a8ea3b31bd9754f6c89885") or
    (filesize == 47437 and hash.sha256(0, filesize) == "652847877739943f99273c1388c56c375cb6715b01c7135f7bab882a0be3f888") or
    (filesize == 16384 and hash.sha256(0, filesize) == "1dba66766f99bbd55c28113775a54a9cc22d93735494be96237a4081be89e82b") or
    (filesize == 4096 and hash.sha256(0, filesize) == "f4091b710d78322370e849381cddedc878bbe580563d993f4195b2bcb1ffc5b8") or
    (filesize == 1852 and hash.sha256(0, filesize) == "80a03f1b06996e084f54e6218019e1f0e2c3e789c72a9264145c8e0602c84702") or
    (filesize == 3072 and hash.sha256(0, filesize) == "d1973ca87229f403ef214905c4a9c2f2a4cca73e1b5b0217eb3f7595e706e16f") or
    (filesize == 4096 and hash.sha256(0, filesize) == "f8a027d8f09a8943c32e0cdee35fe0d4ce77da174c7773cafde752397d4a75f4") or
    (filesize == 6226 and hash.sha256(0, filesize) == "4ebe56972199136a749eca73eb221272cabf725436d6b939b8c1182383c562a9") or
    (filesize == 211738 and hash.sha256(0, filesize) == "981564018dff1f07a4ce0afe4388a2804b5db94cfd22a9dd4d6047761041effc") or
    (filesize == 257960 and hash.sha256(0, filesize) == "04e2ca3b7f3f55736bd3cd56c7c6b9e4423fa9574870d3ae316552c118e32fe3") or
    (filesize == 1748612 and hash.sha256(0, filesize) == "12034f5b33659db235db83a18b4f5d972219a07aab633c6e23a6de8372205a0a") or
    (filesize == 1744032 and hash.sha256(0, filesize) == "124d5f640891430e4f7fa9bbb95c46601f132d6cfb070924c85f81e221acbe9b") or
    (filesize == 1215239 and hash.sha256(0, filesize) == "d33908f09dfee2c0299618beb0b5b24fd40db0a8285f46841cbd2b42b179b58b") or
    (filesize == 1184248 and hash.sha256(0, filesize) == "f7531f276c9ce9558676a435d926c1234226215e4392c57143b589c470f7235f") or
    (filesize == 596 and hash.sha256(0, filesize) == "2e75399c9f6fa7741db9ccf506de2895b3a78a3d574fa776c65f533b717555b5")
}
