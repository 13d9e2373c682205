SELECT 1 AS one WHERE /* after { */ true /* } */ AND /* filter { */ true /* } */ ORDER BY /* order { */ 1 /* } */;
